"""What `replay` shows: what was read, what that cannot show, and the grants, worst first.

reading (counts), coverage (gaps), ranking (filters, order, one grant for a person), terminal and page
(output).
No search is run here and no file is read.
"""
