import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import tile
from ledger.errors import FormatError, PathError, TooLargeError
from ledger.tile import Tile
from tests import outside


def test_paths_of_the_specification() -> None:
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert [t.path for t in tile.tiles_of(70_000)] == [
        "tile/entries/273.p/112",
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    assert tile.tiles_of(256) == [Tile(1, 0, 1)]
    assert tile.tiles_of(0) == []


@given(st.integers(-1, 63), st.integers(0, 2**60), st.integers(1, 256))
def test_paths_return(level: int, index: int, width: int) -> None:
    assert tile.parse_path(Tile(level, index, width).path) == Tile(level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p/",
        "tile/0/001.p",
        "tile/0/٠٠١",
        "tile/٠/001",
        "tile/entries/001\n",
        "/tile/0/001",
        "tile/0/001/",
        "tile/0/../0/001",
        "tile/0/X001/002",
        "tile/entry/001",
        "tile/0/x009/x223/x372/x036/x854/x775/808",
        "tile/0/" + "x001/" * 2000 + "001",
    ],
)
def test_other_spellings_are_refused(path: str) -> None:
    with pytest.raises(PathError):
        tile.parse_path(path)


@given(st.text(max_size=30) | st.text("tile/0x12.p/entries", max_size=20))
def test_what_is_taken_for_a_path_is_its_own_spelling(text: str) -> None:
    try:
        parsed = tile.parse_path(text)
    except PathError:
        return
    assert parsed.path == text


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundles_return(entries: list[bytes]) -> None:
    assert tile.parse_entries(tile.format_entries(entries), len(entries)) == entries


def test_a_real_entry_bundle() -> None:
    data = outside.path("ledger/tessera-log/testdata/log/tile/entries/000.p/3").read_bytes()
    assert tile.parse_entries(data, 3) == [b"one", b"two", b"three"]


@pytest.mark.parametrize("data, width", [(b"\0", 1), (b"\0\2a", 1), (b"\0\1a\0", 2), (b"\0\1a", 2)])
def test_damaged_bundles_are_refused(data: bytes, width: int) -> None:
    with pytest.raises(FormatError):
        tile.parse_entries(data, width)


def test_an_entry_that_no_bundle_can_hold_is_refused() -> None:
    tile.format_entries([bytes(65_535)])
    with pytest.raises(TooLargeError):
        tile.format_entries([bytes(65_536)])


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65, 96])
def test_a_tile_has_the_bytes_of_its_width(length: int) -> None:
    with pytest.raises(FormatError):
        tile.parse_hashes(bytes(length), 2)


def test_tiles_of_a_real_ct_log_have_the_width_that_their_path_says() -> None:
    folder = outside.path("ledger/sunlight-navigli/testdata/navigli2025h2")
    files = [file for file in (folder / "tile").rglob("*") if file.is_file()]
    assert len(files) == 5
    for file in files:
        place = tile.parse_path(file.relative_to(folder).as_posix())
        hashes = tile.parse_hashes(file.read_bytes(), place.width)
        assert tile.format_hashes(hashes) == file.read_bytes()


def test_the_largest_index_is_the_largest_size() -> None:
    path = "tile/0/x009/x223/x372/x036/x854/x775/807"
    assert tile.parse_path(path) == Tile(0, 2**63 - 1)
