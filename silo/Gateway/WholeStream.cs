namespace DeployCard.Silo.Gateway;

/// <summary>
/// A stream that goes out as a whole: the forwarder has the head of a request sent before its body, which costs a pod with a small body a second
/// packet to wake up for. Whoever sends the request flushes it when its body has ended.
/// </summary>
internal sealed class WholeStream(Stream inner) : WritingStream
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
