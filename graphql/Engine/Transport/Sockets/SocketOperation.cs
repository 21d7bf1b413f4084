namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>One open operation. It may end by itself while its client cancels it, so cancelling after the end does nothing.</summary>
internal sealed class SocketOperation : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop;
    private bool _ended;

    public SocketOperation(string id, CancellationToken connectionClosing)
    {
        Id = id;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(connectionClosing);
        Stopping = _stop.Token;
    }

    public string Id { get; }

    public CancellationToken Stopping { get; }

    public void Cancel()
    {
        lock (_lock)
        {
            if (!_ended) _stop.Cancel();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            _stop.Dispose();
        }
    }
}
