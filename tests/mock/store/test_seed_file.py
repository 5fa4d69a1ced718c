"""Seed files: how they are read, and how each mistake is told with its line."""

import json
import re
from pathlib import Path

import pytest

from billecta_mock.store.seed import SeedError, load_seed, parse_seed

from .small_seed import SMALL_SEED

YAML_SEED = """\
keys:
  - key: K1
    name: Everything
seller: &seller
  name: Säljare AB
  address: [Gatan 1]
  organisation_number: 559999-9991
  vat_number: SE559999999101
  bankgiro: 991-2346
invoices:
  - id: "1"
    number: "1"
    action: a1
    buyer: { name: Kund, address: [Vägen 2] }
    issued: 2026-01-15
    due: 2026-02-14
    lines:
      - { text: Arbete, quantity: 1, unit: tim, price: 100.00, vat: 25 }
"""


def file_of(folder: Path, content: str | bytes) -> Path:
    path = folder / "seed.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def file_complaint(folder: Path, content: str | bytes) -> str:
    path = file_of(folder, content)
    with pytest.raises(SeedError) as caught:
        load_seed(path)
    return str(caught.value).removeprefix(f"{path}, ").removeprefix(f"{path}: ")


class TestFiles:
    def test_a_file_and_the_same_document_as_json_make_the_same_dataset(self, tmp_path: Path) -> None:
        json_text = json.dumps(SMALL_SEED, ensure_ascii=False, indent=1)
        assert load_seed(file_of(tmp_path, json_text)) == parse_seed(SMALL_SEED, "the body")

    def test_prices_are_read_exactly(self, tmp_path: Path) -> None:
        seed = load_seed(file_of(tmp_path, YAML_SEED.replace("100.00", "1284650.29")))
        assert seed.invoices[0].lines[0].unit_price == 128465029

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(
            SeedError, match=r"nowhere\.yaml: the seed file cannot be read \(no such file or directory\)"
        ):
            load_seed(tmp_path / "nowhere.yaml")

    def test_a_directory_is_no_seed_file(self, tmp_path: Path) -> None:
        with pytest.raises(SeedError, match="is a directory"):
            load_seed(tmp_path)

    def test_a_file_in_another_encoding_is_told_apart(self, tmp_path: Path) -> None:
        assert file_complaint(tmp_path, "name: Åsa".encode("latin-1")) == "byte 6 is not UTF-8; save the file as UTF-8."

    @pytest.mark.parametrize("text", ["keys: [", "a: b: c", "\tkeys:", "keys: @x"])
    def test_what_is_not_yaml_is_told_with_its_line(self, tmp_path: Path, text: str) -> None:
        complaint = file_complaint(tmp_path, text)
        assert re.search(r"^line \d: this is neither YAML nor JSON \(.+\); mend the indentation", complaint)

    def test_a_second_document_in_the_file_is_refused(self, tmp_path: Path) -> None:
        assert "the file holds more than one document" in file_complaint(tmp_path, "keys: []\n---\nkeys: []\n")

    def test_an_empty_file_is_no_seed(self, tmp_path: Path) -> None:
        assert "nothing is not a seed: a map" in file_complaint(tmp_path, "")

    def test_control_characters_are_not_yaml(self, tmp_path: Path) -> None:
        assert "this is neither YAML nor JSON" in file_complaint(tmp_path, "name: \x00")

    def test_a_key_that_stands_twice_is_told_with_both_lines(self, tmp_path: Path) -> None:
        twice = YAML_SEED.replace("    due: 2026-02-14\n", '    due: 2026-02-14\n    id: "2"\n')
        assert file_complaint(tmp_path, twice) == (
            "line 17, /invoices/0/id: 'id' stands here twice, first on line 11; keep one of them."
        )

    @pytest.mark.parametrize(
        "value", ["!!python/object/apply:os.system [ls]", "!!binary aGVq", "!custom x", "!!set {a}"]
    )
    def test_tags_are_refused(self, tmp_path: Path, value: str) -> None:
        assert "is not allowed" in file_complaint(tmp_path, f"keys: {value}")

    def test_merge_keys_are_refused(self, tmp_path: Path) -> None:
        assert "seeds use no merge keys" in file_complaint(tmp_path, YAML_SEED + "customers:\n  a: { <<: *seller }\n")

    def test_an_alias_inside_what_it_names_is_refused(self, tmp_path: Path) -> None:
        assert "inside the thing that it names" in file_complaint(tmp_path, "keys: &keys [*keys]")

    def test_aliases_cannot_blow_a_small_file_up(self, tmp_path: Path) -> None:
        bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
        assert "nested more than 16 deep" in file_complaint(tmp_path, bomb)

    def test_aliases_count_as_often_as_they_stand(self, tmp_path: Path) -> None:
        flood = f"a: &a [{'x, ' * 1000}]\nb: &b [{'*a, ' * 1000}]\n"
        assert "more than 500000 values" in file_complaint(tmp_path, flood)

    @pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
    def test_nesting_without_end_is_refused(self, tmp_path: Path, opening: str) -> None:
        assert "nested more than 16 deep" in file_complaint(tmp_path, opening * 100_000)

    def test_a_number_without_end_is_refused(self, tmp_path: Path) -> None:
        assert "a number of 5000 digits is too long" in file_complaint(tmp_path, "keys: " + "9" * 5000)

    def test_an_id_without_quotes_is_told_to_be_a_text(self, tmp_path: Path) -> None:
        assert file_complaint(tmp_path, YAML_SEED.replace('id: "1"', "id: 1")) == (
            "line 11, /invoices/0/id: 1 is not an id in quotes: 1 to 100 characters, without spaces and without any "
            "of /?#%\\."
        )

    def test_words_that_old_yaml_takes_for_booleans_stay_words(self, tmp_path: Path) -> None:
        seed = load_seed(
            file_of(tmp_path, YAML_SEED.replace("name: Kund", "name: no").replace("text: Arbete", "text: on"))
        )
        assert (seed.invoices[0].buyer.name, seed.invoices[0].lines[0].description) == ("no", "on")

    def test_the_line_of_a_mistake_in_the_middle_is_given(self, tmp_path: Path) -> None:
        with pytest.raises(SeedError) as caught:
            load_seed(file_of(tmp_path, YAML_SEED.replace("vat: 25", "vat: 24")))
        assert (caught.value.line, caught.value.pointer) == (18, "/invoices/0/lines/0/vat")
        assert str(caught.value).endswith("24 is not a Swedish VAT rate in per cent: 25, 12, 6 or 0.")

    def test_a_duplicate_invoice_id_is_named_with_its_line(self, tmp_path: Path) -> None:
        second = YAML_SEED[YAML_SEED.index('  - id: "1"') :].replace('number: "1"', 'number: "2"').replace("a1", "a2")
        assert file_complaint(tmp_path, YAML_SEED + second) == (
            "line 19, /invoices/1/id: the invoice id '1' is taken already, at /invoices/0/id; give each its own."
        )
