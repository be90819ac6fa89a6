## editors: grammars and clients for editors.
