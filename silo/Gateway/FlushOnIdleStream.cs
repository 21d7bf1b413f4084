namespace DeployCard.Gateway;

/// <summary>
/// Request body that arrives over time. Each read restarts the first-byte timeout. While a read has to wait, the bytes forwarded so far are
/// flushed: .NET's HTTP client would hold the last few KiB back, and a pod that processes a stream, such as speech, would wait for them
/// indefinitely.
/// </summary>
internal sealed class FlushOnIdleStream(Stream inner, RequestTimeouts timeouts) : ReadOnlyStream
{
    private readonly Stream inner = inner;
    private long count;

    /// <summary>Stream to which the body is forwarded; null until the forwarding begins.</summary>
    public Stream? Destination { get; set; }

    /// <summary>Restores the original body of a request. Returns the number of bytes received.</summary>
    public static long Unwrap(HttpRequest request)
    {
        if (!RequestBodyKind.IsLargeOrStreamed(request.HttpContext) || request.Body is not FlushOnIdleStream sent)
            return request.ContentLength ?? 0;
        request.Body = sent.inner;
        return sent.count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(buffer, cancellationToken);
        if (!read.IsCompletedSuccessfully)
            return Wait(read, cancellationToken);
        // A ValueTask may be consumed only once, so its result is stored.
        var ready = read.Result;
        count += ready;
        timeouts.OnRequestBytes();
        return new(ready);
    }

    private async ValueTask<int> Wait(ValueTask<int> read, CancellationToken cancellationToken)
    {
        // Flushing here is safe: the forwarder alternates between reads and writes, so nothing writes during a read.
        // A failed flush is ignored, because the next write reports a broken connection.
        if (Destination?.FlushAsync(cancellationToken) is { } sending)
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var more = await read;
        count += more;
        timeouts.OnRequestBytes();
        // Leave the receiving thread, which continues to receive. The next read then finds a large chunk instead of a single packet.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return more;
    }
}
