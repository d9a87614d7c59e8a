"""Has two handlers where Splunk allows one."""

from splunk.persistconn.application import PersistentServerConnectionApplication


class One(PersistentServerConnectionApplication):
    pass


class Two(PersistentServerConnectionApplication):
    pass
