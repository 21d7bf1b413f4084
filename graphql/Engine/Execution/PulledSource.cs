using System.Runtime.CompilerServices;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// What a subscription's method returned, to be pulled: the next item is asked for when the last one has been written, so that a
/// client that stops reading stops its source. It calls itself observable only because the library's interface wants that.
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
