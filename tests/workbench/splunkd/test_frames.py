import io

import pytest

from workbench.splunkd import frames


def test_lengths_count_bytes():
    data = frames.encode({"name": "é"}, "ü\n".encode())
    assert data.startswith(b"chunked 1.0,13,3\n")
    assert frames.read(io.BytesIO(data)) == frames.Frame({"name": "é"}, "ü\n".encode())


def test_frames_follow_each_other_without_anything_between():
    stream = io.BytesIO(frames.encode({"a": 1}) + frames.encode({"b": 2}, b"x"))
    assert [frames.read(stream).metadata for _ in range(2)] == [{"a": 1}, {"b": 2}]
    assert frames.read(stream) is None


@pytest.mark.parametrize(
    "data",
    [
        b"hello\n",
        b"chunked 2.0,2,0\n{}",
        b"chunked 1.0,2\n{}",
        b"chunked 1.0,20,0\n{}",
        b"chunked 1.0,2,9\n{}abc",
        b"chunked 1.0,4,0\n{x:}",
        b"chunked 1.0,2,0\n[]",
        b"x" * 500,
    ],
)
def test_bytes_that_are_no_frame_are_refused(data):
    with pytest.raises(frames.FrameError):
        frames.read(io.BytesIO(data))


def test_plain_columns_come_first_and_multivalues_double_their_dollars():
    body = frames.to_csv([{"a": ["x", "y$z", ""], "b": 1.5}, {"b": "two\nlines"}], ["a", "b"]).decode()
    assert body == 'a,b,__mv_a,__mv_b\n"x\ny$z\n",1.5,$x$;$y$$z$;$$,\n,"two\nlines",,\n'


def test_what_is_written_is_read_back():
    rows = [{"a": ["x", "$", "a;b", "$;$"], "b": 'q"uo,te'}, {"b": "é"}]
    assert frames.from_csv(frames.to_csv(rows, ["a", "b"])) == rows


def test_an_empty_cell_is_null_and_one_value_is_no_multivalue():
    assert frames.from_csv(b"a,__mv_a,b\nx,$y$,\n") == [{"a": "y"}]
    assert frames.from_csv(b"") == []


def test_both_line_ends_are_read():
    assert frames.from_csv(b"a,b\r\n1,2\r\n") == frames.from_csv(b"a,b\n1,2\n")


@pytest.mark.parametrize("body", [b"a,b\n1\n", b"a\n\xff\n", b'a\n"x'])
def test_a_body_that_is_no_csv_is_refused(body):
    with pytest.raises(frames.FrameError):
        frames.from_csv(body)
