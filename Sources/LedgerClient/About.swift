// The client of a node: answers, retries, and every proof checked.
