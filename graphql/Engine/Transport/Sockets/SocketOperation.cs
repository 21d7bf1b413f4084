namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>One open operation. It may end by itself while its client cancels it, so cancelling after the end does nothing.</summary>
internal sealed class SocketOperation : IDisposable
{
    private readonly Lock sync = new();
    private readonly CancellationTokenSource stop;
    private bool ended;

    public SocketOperation(string id, CancellationToken connectionClosing)
    {
        Id = id;
        stop = CancellationTokenSource.CreateLinkedTokenSource(connectionClosing);
        Stopping = stop.Token;
    }

    public string Id { get; }

    public CancellationToken Stopping { get; }

    public void Cancel()
    {
        lock (sync)
        {
            if (!ended)
                stop.Cancel();
        }
    }

    public void Dispose()
    {
        lock (sync)
        {
            ended = true;
            stop.Dispose();
        }
    }
}
