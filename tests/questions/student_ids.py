"""Two hundred student ids: addresses, numbers, names in many scripts, spaces, very long ones."""

import os

ODD = [
    "Zoë Müller-Lüdenscheidt",
    "李小龍",
    "Владимир Петров",
    "محمد علي",
    "נועה כהן",
    "Ελένη Παπαδοπούλου",
    "สมชาย ใจดี",
    "अनुष्का शर्मा",
    "たなか はなこ",
    "홍길동",
    "Þóra Guðmundsdóttir",
    "👩‍🎓 42",
    "O'Brien; DROP TABLE students",
    "a/b\\c:d*e?",
    "<b>bold</b>",
    "x" * 5000,
    "  spaces   inside  ",
    "0",
    "000123",
    "-1",
    "1e5",
    "nan",
    "None",
    "line\nbreak",
    "e\u0301clair",
]
NUMBERS: list[object] = [17, 20231234, 10**30]
# Fewer make a quicker run while one writes: HLMTEACH_TEST_STUDENTS=20.
MANY = int(os.environ.get("HLMTEACH_TEST_STUDENTS", "200"))
_PLAIN = [f"student-{number:03d}@example.org" for number in range(200 - len(ODD) - len(NUMBERS))]
STUDENTS = [*_PLAIN[: MANY // 2], *ODD, *NUMBERS, *_PLAIN[MANY // 2 :]][:MANY]
