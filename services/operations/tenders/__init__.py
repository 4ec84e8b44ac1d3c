"""Tenders 招标遴选: bids through the gate of the list, evaluators without an interest, sealed scores, an award."""
