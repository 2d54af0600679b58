#!/usr/bin/env python3
"""Writes the input rows of a worked example as a borrower's statements: statements.py EXAMPLE.csv OUT.xlsx.

The forms have no row for repayments of term loans. They are derived from the example's own coverage ratio and printed as additional
information, as a borrower would state them.
"""

import csv
import sys

import openpyxl

TITLES = {"II": "FORM II - OPERATING STATEMENT", "III": "FORM III - ANALYSIS OF BALANCE SHEET"}


def main():
    example, out = sys.argv[1:]
    with open(example, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    years, kinds, rows = rows[0][5:], rows[1][5:], rows[2:]
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for form, title in TITLES.items():
        lines = [[row[2]] + amounts(row) for row in rows if row[0] == form and row[3] == "input"]
        write(workbook, "Form " + form, title, years, kinds, lines)
    repaid = ["Repayment of term loans during the year"] + instalments({row[1]: amounts(row) for row in rows})
    write(workbook, "Additional", "Additional information", years, kinds, [repaid])
    workbook.save(out)


def amounts(row):
    return [float(value) if value else None for value in row[5:]]


def instalments(rows):
    """The repayments that the coverage ratio implies: (cash accruals + interest) / (interest + instalments)."""
    of = zip(rows["R.accr"], rows["II.9.b"], rows["R.dscr"])
    return [round((accruals + interest) / coverage - interest, 2) for accruals, interest, coverage in of]


def write(workbook, name, title, years, kinds, lines):
    sheet = workbook.create_sheet(name)
    for row in [[title], ["(Rs. in lakhs)"], ["Particulars", *years], ["", *kinds], *lines]:
        sheet.append(row)


if __name__ == "__main__":
    main()
