using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Gateway;

/// <summary>Reads bodies of asynchronous calls: small bodies into memory, larger ones directly into the body store.</summary>
internal sealed class BodyReader(IBodyStore store)
{
    /// <summary>
    /// Reads a body. Returns null without <c>IsTooLarge</c> if the body is empty, and null with <c>IsTooLarge</c> if the body has more than
    /// <paramref name="maxBytes"/> bytes.
    /// </summary>
    /// <param name="id">Id of the call that owns the body.</param>
    /// <param name="part">Part of the call that the body belongs to: the request, or the result of one attempt.</param>
    /// <param name="stream">Stream to read the body from.</param>
    /// <param name="declaredLength">
    /// Declared length in bytes; null if unknown. A small declared length keeps the read buffer small.
    /// </param>
    /// <param name="maxBytes">Maximum length in bytes.</param>
    /// <param name="cancellationToken">Token that is canceled when the sender disconnects.</param>
    public async Task<(CallBody? Body, bool IsTooLarge)> Read(
        CallId id,
        BodyPart part,
        Stream stream,
        long? declaredLength,
        long maxBytes,
        CancellationToken cancellationToken
    )
    {
        var head = new byte[(declaredLength < CallBody.MaxInlineBytes ? (int)declaredLength.Value : CallBody.MaxInlineBytes) + 1];
        var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > maxBytes)
            return (null, true);
        if (length < head.Length)
            return (length == 0 ? null : new(length, head[..length]), false);
        var stored = await store.Write(id, part, new PrefixedStream(head, stream), maxBytes, cancellationToken);
        return stored < 0 ? (null, true) : (new(stored, null), false);
    }
}
