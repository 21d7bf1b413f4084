namespace DeployCard.Silo.Gateway;

/// <summary>A stream of which each read is told: a clock goes by what moves.</summary>
internal sealed class WatchedStream(Stream inner, Action reading, Action read) : ReadingStream
{
    private readonly Stream inner = inner;

    /// <summary>Takes the watch off a request's body.</summary>
    public static void Unwrap(HttpRequest request)
    {
        if (BodyKind.TakesTime(request.HttpContext) && request.Body is WatchedStream watched)
            request.Body = watched.inner;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        reading();
        var count = await inner.ReadAsync(buffer, cancellationToken);
        read();
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
