namespace DeployCard.Gateway;

/// <summary>
/// Write-only stream that ignores flushes. The forwarder flushes the request headers before the body, so that a small body would arrive in
/// a second packet and wake up the pod twice. .NET's HTTP client flushes at the end of the body.
/// </summary>
internal sealed class NonFlushingStream(Stream inner) : WriteOnlyStream
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
