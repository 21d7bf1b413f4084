namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>
/// One open operation on a WebSocket. The operation may end while the client cancels it, so canceling after the end has no effect.
/// </summary>
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
