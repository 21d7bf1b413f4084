namespace DeployCard.Silo.Gateway;

/// <summary>A stream of which each write goes out at once.</summary>
internal sealed class PromptStream(Stream inner) : WritingStream
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken);
        await inner.FlushAsync(cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
}
