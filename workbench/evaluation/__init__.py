"""A frozen, labelled set: what intruders and everyday do to mailboxes, over 90 days of the made-up organisation.

The stories, and what must be ranked above what, were written from the references on real intrusions, record shapes and
the noise that others report, by someone who did not know how the app scores. The references are pages of ../shared:
peers.md (what others detect, which noise they drown in, what intruders did), office365.md and workspace.md (records);
a story's `because` names page and section.
"""
