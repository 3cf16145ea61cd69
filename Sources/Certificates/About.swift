// Proofs become values, values become a page, and the page is checked again.
