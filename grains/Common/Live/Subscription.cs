using System.Threading.Channels;

namespace DeployCard.Common.Live;

/// <summary>One subscriber of a <see cref="Broadcaster{T}"/>, with its bounded buffer. Dispose it to end the subscription.</summary>
public sealed class Subscription<T> : IDisposable
{
    private readonly Channel<T> buffer;
    private readonly Action remove;

    internal Subscription(Channel<T> buffer, Action remove) => (this.buffer, this.remove) = (buffer, remove);

    /// <summary>
    /// Adds an item for this subscriber only, such as the current state. Never waits. A full buffer drops its oldest item.
    /// </summary>
    public void Enqueue(T item) => buffer.Writer.TryWrite(item);

    /// <summary>Streams the buffered items and all following ones until the broadcaster completes.</summary>
    public IAsyncEnumerable<T> ReadAll(CancellationToken cancellationToken) => buffer.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Ends the subscription. Repeated calls have no effect.</summary>
    public void Dispose() => remove();
}
