# Aliases for course.py, for those who have make: `make lab`, `make test`, `make book`, `make bench`.
.PHONY: lab test book bench
lab test book bench:
	python3 course.py $@
