namespace DeployCard.Grains.AsyncCalls;

/// <summary>The request to repeat at the pod.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path on the pod with its query, beginning with a slash.</param>
/// <param name="Headers">Header fields without secrets and without those of a single connection.</param>
/// <param name="Body">The body; null for none.</param>
[GenerateSerializer, Alias("call-request"), Immutable]
public sealed record CallRequest(
    [property: Id(0)] string Method,
    [property: Id(1)] string Path,
    [property: Id(2)] IReadOnlyList<CallHeader> Headers,
    [property: Id(3)] CallBody? Body
);

/// <summary>One header field.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
[GenerateSerializer, Alias("call-header"), Immutable]
public sealed record CallHeader([property: Id(0)] string Name, [property: Id(1)] string Value);

/// <summary>A body: small ones in the state, larger ones beside it so that a change of status does not rewrite them.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Inline">The bytes; null when they are in the <see cref="IBodyStore"/>.</param>
/// <param name="Attempt">Of an answer: the number of its attempt, which names it in the <see cref="IBodyStore"/>.</param>
[GenerateSerializer, Alias("call-body"), Immutable]
public sealed record CallBody([property: Id(0)] long Length, [property: Id(1)] byte[]? Inline, [property: Id(2)] int Attempt = 0)
{
    /// <summary>Up to here a body is kept in the state.</summary>
    public const int MostInline = 32 * 1024;
}

/// <summary>What the model answered.</summary>
/// <param name="StatusCode">The HTTP status code.</param>
/// <param name="Headers">Header fields without those of a single connection.</param>
/// <param name="Body">The body; null for none.</param>
[GenerateSerializer, Alias("call-result"), Immutable]
public sealed record CallResult(
    [property: Id(0)] int StatusCode,
    [property: Id(1)] IReadOnlyList<CallHeader> Headers,
    [property: Id(2)] CallBody? Body
);
