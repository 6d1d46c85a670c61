"""Tables that change without code: severities of scanner rules, topics shared by scanners."""
