namespace DeployCard.Contracts.AsyncCalls;

/// <summary>The request that every attempt sends to a pod.</summary>
/// <param name="Method">HTTP method of the request.</param>
/// <param name="Path">Path and query on the pod, starting with a slash.</param>
/// <param name="Headers">Headers without secrets and without hop-by-hop headers.</param>
/// <param name="Body">The request body; null if the request has no body.</param>
[GenerateSerializer, Alias("call-request"), Immutable]
public sealed record CallRequest(
    [property: Id(0)] string Method,
    [property: Id(1)] string Path,
    [property: Id(2)] IReadOnlyList<CallHeader> Headers,
    [property: Id(3)] CallBody? Body
);

/// <summary>One header of a request or response.</summary>
/// <param name="Name">Name of the header.</param>
/// <param name="Value">Value of the header.</param>
[GenerateSerializer, Alias("call-header"), Immutable]
public sealed record CallHeader([property: Id(0)] string Name, [property: Id(1)] string Value);

/// <summary>
/// A body of a request or response. Small bodies are part of the state. Larger bodies are in the <see cref="IBodyStore"/>, so that a change
/// of the call's status does not rewrite them.
/// </summary>
/// <param name="Length">Length of the body in bytes.</param>
/// <param name="Inline">The bytes of the body; null if they are in the <see cref="IBodyStore"/>.</param>
/// <param name="Attempt">
/// Number of the attempt that received this response body; part of the body's name in the <see cref="IBodyStore"/>. 0 for request bodies.
/// </param>
[GenerateSerializer, Alias("call-body"), Immutable]
public sealed record CallBody([property: Id(0)] long Length, [property: Id(1)] byte[]? Inline, [property: Id(2)] int Attempt = 0)
{
    /// <summary>Maximum size in bytes of a body that is part of the state.</summary>
    public const int MaxInlineBytes = 32 * 1024;
}

/// <summary>The response of the model.</summary>
/// <param name="StatusCode">HTTP status code of the response.</param>
/// <param name="Headers">Headers without hop-by-hop headers.</param>
/// <param name="Body">The response body; null if the response has no body.</param>
[GenerateSerializer, Alias("call-result"), Immutable]
public sealed record CallResult(
    [property: Id(0)] int StatusCode,
    [property: Id(1)] IReadOnlyList<CallHeader> Headers,
    [property: Id(2)] CallBody? Body
);
