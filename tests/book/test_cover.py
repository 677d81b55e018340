from xml.etree import ElementTree

from hlmteach.book import cover


def test_the_same_picture_each_time_with_its_words():
    picture, text = cover.picture()
    assert cover.picture()[0] == picture
    assert ElementTree.fromstring(picture).tag.endswith("svg")
    assert text.startswith("![Fitted lines of math on escs for 164 schools")
    assert f"]({cover.NAME})" in text and "one of 164 schools" in text and "simulated" in text
