from importlib.metadata import version

from ops.doctor.diagnosis import Verdict
from ops.doctor.program import import_check, package_check, python_check


def required(tmp_path, *lines):
    path = tmp_path / "requirements.txt"
    path.write_text("\n".join(("# exactly", *lines)))
    return package_check(path)


def test_an_old_python_is_a_problem():
    assert python_check((3, 10, 9)).verdict is Verdict.PROBLEM
    assert "3.11" in python_check((3, 10, 9)).words
    assert python_check((3, 11, 0)).verdict is Verdict.OK
    assert python_check().verdict is Verdict.OK


def test_packages_are_compared_with_what_is_required(tmp_path):
    found = version("numpy")
    assert required(tmp_path, f"numpy=={found}").verdict is Verdict.OK
    other = required(tmp_path, "numpy==0.0.1", f"pandas=={version('pandas')}")
    assert other.verdict is Verdict.WARNING
    assert f"numpy {found} instead of 0.0.1" in other.words
    missing = required(tmp_path, "numpy==0.0.1", *(f"no-such-package-{n}==1" for n in range(7)))
    assert missing.verdict is Verdict.PROBLEM
    assert missing.words.endswith("and 2 more")
    assert missing.advice == "make setup"
    assert package_check(tmp_path / "absent").verdict is Verdict.PROBLEM


def test_a_package_that_does_not_load_is_told_by_its_own_words():
    assert import_check("import json").verdict is Verdict.OK
    absent = import_check("import no_such_module")
    assert absent.verdict is Verdict.PROBLEM
    assert absent.words == "ModuleNotFoundError: No module named 'no_such_module'"
