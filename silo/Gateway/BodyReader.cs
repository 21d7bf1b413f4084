using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Silo.Gateway;

/// <summary>Takes bodies in: small ones into memory, larger ones straight into the store.</summary>
internal sealed class BodyReader(IBodyStore store)
{
    /// <summary>The body, stored where it is large; null with <c>IsTooLarge</c> when it has more than <paramref name="most"/> bytes.</summary>
    /// <param name="id">Whose body.</param>
    /// <param name="part">Which one.</param>
    /// <param name="stream">Where it comes from.</param>
    /// <param name="known">Its length where it was told, so that a small one takes little memory.</param>
    /// <param name="most">The bound, in bytes.</param>
    /// <param name="cancellationToken">The end of whoever sends it.</param>
    public async Task<(CallBody? Body, bool IsTooLarge)> Read(
        CallId id,
        BodyPart part,
        Stream stream,
        long? known,
        long most,
        CancellationToken cancellationToken
    )
    {
        var head = new byte[(known < CallBody.MostInline ? (int)known.Value : CallBody.MostInline) + 1];
        var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > most)
            return (null, true);
        if (length < head.Length)
            return (length == 0 ? null : new(length, head[..length]), false);
        var stored = await store.Write(id, part, new PrefixedStream(head, stream), most, cancellationToken);
        return stored < 0 ? (null, true) : (new(stored, null), false);
    }
}
