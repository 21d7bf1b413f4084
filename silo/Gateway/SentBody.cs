namespace DeployCard.Silo.Gateway;

/// <summary>
/// A request's body that takes time to come. What has come of it moves its clock; and when it has to be waited for, what was passed on so far is
/// sent off: the client of .NET would keep its last few KiB back, and a pod that works on what it hears, as on speech, would wait for ever.
/// </summary>
internal sealed class SentBody(Stream inner, RequestClock clock) : ReadingStream
{
    private readonly Stream inner = inner;
    private long count;

    /// <summary>Where it is passed on to; null until that begins.</summary>
    public Stream? Onward { get; set; }

    /// <summary>Gives a request its own body back. How many bytes of it came.</summary>
    public static long Unwrap(HttpRequest request)
    {
        if (!BodyKind.TakesTime(request.HttpContext) || request.Body is not SentBody sent)
            return request.ContentLength ?? 0;
        request.Body = sent.inner;
        return sent.count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(buffer, cancellationToken);
        if (!read.IsCompletedSuccessfully)
            return Wait(read, cancellationToken);
        // It may have come only just now, and then its result can be taken once.
        var ready = read.Result;
        count += ready;
        clock.BodyMoved();
        return new(ready);
    }

    private async ValueTask<int> Wait(ValueTask<int> read, CancellationToken cancellationToken)
    {
        // The forwarder reads and writes in turn: while it reads nobody else writes there. A pod that is gone shows itself at the next write.
        if (Onward?.FlushAsync(cancellationToken) is { } sending)
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var more = await read;
        count += more;
        clock.BodyMoved();
        // Off the thread that received it, which goes on receiving meanwhile: the next read finds a large piece and not each packet by itself.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return more;
    }
}
