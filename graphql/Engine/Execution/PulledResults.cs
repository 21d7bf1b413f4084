using GraphQL;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>The results of a subscription, which the transport pulls one by one.</summary>
internal sealed class PulledResults(Func<CancellationToken, IAsyncEnumerable<ExecutionResult>> results) : IObservable<ExecutionResult>
{
    public IAsyncEnumerable<ExecutionResult> Results(CancellationToken cancellationToken) => results(cancellationToken);

    public IDisposable Subscribe(IObserver<ExecutionResult> observer) =>
        throw new NotSupportedException("Subscriptions are pulled, not pushed.");
}
