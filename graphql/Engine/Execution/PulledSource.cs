using System.Runtime.CompilerServices;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// The item stream that a subscription method returned. The next item is requested only after the previous one was written, so a client
/// that stops reading also stops its source. Implements <c>IObservable</c> only because the library requires it.
/// </summary>
internal abstract class PulledSource : IObservable<object?>
{
    public abstract IAsyncEnumerable<object?> Items(CancellationToken cancellationToken);

    public IDisposable Subscribe(IObserver<object?> observer) => throw new NotSupportedException("Subscriptions are pulled, not pushed.");
}

/// <inheritdoc cref="PulledSource"/>
internal sealed class PulledSource<T>(IAsyncEnumerable<T> source) : PulledSource
{
    public override async IAsyncEnumerable<object?> Items([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in source.WithCancellation(cancellationToken))
            yield return item;
    }
}
