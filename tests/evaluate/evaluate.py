#!/usr/bin/env python3
"""Recalculates a CMA workbook with a program that shares no code with Docket, and compares.

Usage:
    tests/evaluate/install
    cargo run -p cma --example workbook -- EXAMPLE.csv out.xlsx    (tests/evaluate/run does all of it)
    target/evaluate-venv/bin/python tests/evaluate/evaluate.py out.xlsx [--expected EXAMPLE.csv] [--rows shared/cma/data/rows.csv]
                                                         [--engine formulas|libreoffice]

Every formula cell is evaluated from the formulas alone and compared with the value that the workbook stores with it,
within 0.0001. With --expected, the evaluated figure of every row and year of that CSV (columns form, row_code, label,
kind, formula, then one per year) is compared as well, within 0.01. A row is found on its form by its label in column B,
as --rows gives it; the year by its heading in row 4.

The engine `formulas` needs nothing else. The engine `libreoffice` strips the values, lets `soffice --headless` calculate
them and reads them back; it needs LibreOffice Calc.

Exit status: 0 if everything agrees, 1 on any difference or error value, 2 on bad usage.
"""

import argparse
import csv
import pathlib
import subprocess
import sys
import tempfile

import openpyxl

CACHED_TOLERANCE = 0.0001
EXPECTED_TOLERANCE = 0.01
HEADING_ROW = 4
FIRST_ROW = 7
SHEETS = {
    "II": "Form II", "S": "Form II", "III": "Form III", "IV": "Form IV", "V": "Form V", "VI": "Form VI",
    "R": "Ratios", "C": "Checks",
}


def main():
    parser = argparse.ArgumentParser(description="Recalculate a CMA workbook and compare.")
    parser.add_argument("workbook", type=pathlib.Path)
    parser.add_argument("--expected", type=pathlib.Path)
    default_rows = pathlib.Path(__file__).parents[2] / "shared" / "cma" / "data" / "rows.csv"
    parser.add_argument("--rows", type=pathlib.Path, default=default_rows)
    parser.add_argument("--engine", choices=["formulas", "libreoffice"], default="formulas")
    arguments = parser.parse_args()

    written = openpyxl.load_workbook(arguments.workbook)
    cached = openpyxl.load_workbook(arguments.workbook, data_only=True)
    evaluate = with_formulas if arguments.engine == "formulas" else with_libreoffice
    evaluated = evaluate(arguments.workbook)

    cells, wrong = compare_cached(written, cached, evaluated)
    figures = 0
    if arguments.expected:
        figures, more = compare_expected(arguments.expected, arguments.rows, written, evaluated)
        wrong += more
    for line in wrong:
        print(line)
    print(f"{arguments.workbook.name}: {cells} formula cells evaluated with {arguments.engine}, {figures} figures "
          f"compared with the expected ones, {len(wrong)} differences")
    return 1 if wrong or cells == 0 else 0


def with_formulas(path):
    """Evaluated values by (sheet, cell), upper-case sheet names, calculated by the package `formulas`."""
    import formulas

    model = formulas.ExcelModel().loads(str(path)).finish()
    solution = model.calculate()
    values = {}
    for name, ranges in solution.items():
        if "!" not in name or ":" in name.rsplit("!", 1)[1]:
            continue
        sheet, cell = name.replace("'", "").rsplit("!", 1)
        sheet = sheet.rsplit("]", 1)[-1].upper()
        value = getattr(ranges, "value", None)
        if value is not None:
            values[sheet, cell] = plain(value[0, 0])
    return values


def with_libreoffice(path):
    """Evaluated values by (sheet, cell), upper-case sheet names, calculated by LibreOffice from a copy without values."""
    with tempfile.TemporaryDirectory() as folder:
        bare = pathlib.Path(folder) / "bare.xlsx"
        openpyxl.load_workbook(path).save(bare)
        out = pathlib.Path(folder) / "out"
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "xlsx",
                   "--outdir", str(out), str(bare)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        book = openpyxl.load_workbook(out / "bare.xlsx", data_only=True)
        return {
            (sheet.title.upper(), cell.coordinate): plain(cell.value)
            for sheet in book for row in sheet.iter_rows() for cell in row
        }


def plain(value):
    """A float, a text, or None for an empty cell or an empty text."""
    if value is None or str(value) in ("", "empty"):
        return None
    if isinstance(value, str):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def compare_cached(written, cached, evaluated):
    """Compares every formula cell with the value stored with it."""
    cells, wrong = 0, []
    for sheet in written:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                cells += 1
                held = plain(cached[sheet.title][cell.coordinate].value)
                key = (sheet.title.upper(), cell.coordinate)
                if key not in evaluated:
                    wrong.append(f"{sheet.title}!{cell.coordinate}: not evaluated: {cell.value}")
                elif is_error(evaluated[key]) or not same(held, evaluated[key], CACHED_TOLERANCE):
                    wrong.append(f"{sheet.title}!{cell.coordinate}: holds {held}, evaluates to {evaluated[key]}: {cell.value}")
    return cells, wrong


def compare_expected(path, rows_path, written, evaluated):
    """Compares the figures of a CSV with the evaluated ones."""
    with open(rows_path, newline="") as file:
        rows = list(csv.DictReader(file))
    with open(path, newline="") as file:
        expected = [row for row in csv.DictReader(file) if row["row_code"]]
    years = [name for name in expected[0] if name[:1].isdigit()]
    places = {code: place for name in set(SHEETS.values()) for code, place in find_rows(written[name], rows).items()}
    count, wrong = 0, []
    for row in expected:
        place = places.get(row["row_code"])
        if place is None:
            wrong.append(f"{row['row_code']}: not on its form")
            continue
        sheet, number = place
        columns = {cell.value: cell.column_letter for cell in sheet[HEADING_ROW] if cell.value}
        for year in years:
            cell = f"{columns[year]}{number}"
            value = evaluated.get((sheet.title.upper(), cell))
            if value is None and sheet[cell].data_type == "n":
                value = plain(sheet[cell].value)
            wanted = float(row[year]) if row[year] else None
            count += 1
            if not same(wanted, value, EXPECTED_TOLERANCE):
                wrong.append(f"{row['row_code']} {year} ({sheet.title}!{cell}): expected {wanted}, evaluates to {value}")
    return count, wrong


def find_rows(sheet, rows):
    """The sheet and row number of each row code, by label and by order among equal labels."""
    places = {}
    wanted = [row for row in rows if SHEETS.get(row["form"]) == sheet.title]
    at = {}
    for number in range(FIRST_ROW, sheet.max_row + 1):
        at.setdefault(sheet.cell(number, 2).value, []).append(number)
    for row in wanted:
        numbers = at.get(row["label"], [])
        if numbers:
            places[row["row_code"]] = (sheet, numbers.pop(0))
    return places


def is_error(value):
    return isinstance(value, str) and value.startswith("#")


def same(left, right, tolerance):
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) <= tolerance
    return left == right


if __name__ == "__main__":
    sys.exit(main())
