// What a client says and hears is made of the public values of Protocol: whoever imports this has them, too.
@_exported public import Protocol
