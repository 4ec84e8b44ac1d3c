"""Disclosures 开放合同: tenders and contracts as open data, by OCDS 1.1 with its profile for PPPs."""
