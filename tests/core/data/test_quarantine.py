import os

from core.data.quarantine import Quarantine


def test_what_is_taken_keeps_its_content(tmp_path):
    quarantine = Quarantine(tmp_path / "quarantine")
    assert len(quarantine) == 0
    path = tmp_path / "a.parquet"
    path.write_text("strange")
    aside = quarantine.take(path)
    assert aside.read_text() == "strange"
    assert not path.exists()
    assert len(quarantine) == 1


def test_it_keeps_the_newest_only(tmp_path):
    quarantine = Quarantine(tmp_path / "quarantine")
    for i in range(30):
        path = tmp_path / "a.parquet"
        path.write_text(str(i))
        quarantine.take(path)
    kept = sorted(int(path.read_text()) for path in (tmp_path / "quarantine").iterdir())
    assert kept == list(range(10, 30))


def test_it_keeps_the_newest_even_if_that_alone_is_large(tmp_path):
    quarantine = Quarantine(tmp_path / "quarantine")
    for _ in range(3):
        path = tmp_path / "a.parquet"
        path.touch()
        os.truncate(path, 40_000_000)  # sparse: takes no room
        quarantine.take(path)
        assert len(quarantine) == 1


def test_directories_and_links_are_forgotten_without_touching_what_links_name(tmp_path):
    quarantine, target = Quarantine(tmp_path / "quarantine"), tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    (tmp_path / "link").symlink_to(target)
    quarantine.take(tmp_path / "folder")
    quarantine.take(tmp_path / "link")
    for _ in range(20):
        (tmp_path / "file").touch()
        quarantine.take(tmp_path / "file")
    assert len(quarantine) == 20
    assert target.read_text() == "precious"
