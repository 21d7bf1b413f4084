using System.Runtime.CompilerServices;
using GraphQL;
using GraphQL.Execution;
using Microsoft.Extensions.DependencyInjection;
using ExecutionContext = GraphQL.Execution.ExecutionContext;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Executes subscriptions whose events are pulled by the transport. Each event gets a separate service scope, so that data loaders do not
/// return cached values of earlier events.
/// </summary>
internal sealed class PullSubscriptionStrategy(IServiceScopeFactory scopes, BatchingStrategy inner, OperationMetrics metrics)
    : SubscriptionExecutionStrategy(inner)
{
    protected override async Task<IObservable<ExecutionResult>?> ResolveResponseStreamAsync(ExecutionContext context, ExecutionNode node)
    {
        try
        {
            var source = await node.FieldDefinition.StreamResolver!.ResolveAsync(new ReadonlyResolveFieldContext(node, context));
            var saved = CloneExecutionContext(context, default);
            return new PulledResults(cancellation => Counted(Results(saved, node, (PulledSource)source, cancellation), cancellation));
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            context.Errors.Add(await ErrorOf(context, node, failure));
            return null;
        }
    }

    protected override async ValueTask<ExecutionResult> ProcessDataAsync(ExecutionContext context, ExecutionNode node, object? value)
    {
        await using var scope = scopes.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        return await base.ProcessDataAsync(context, node, value);
    }

    private async IAsyncEnumerable<ExecutionResult> Counted(
        IAsyncEnumerable<ExecutionResult> results,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        metrics.SubscriptionOpened();
        try
        {
            await foreach (var result in results.WithCancellation(cancellationToken))
                yield return result;
        }
        finally
        {
            metrics.SubscriptionClosed();
        }
    }

    private async IAsyncEnumerable<ExecutionResult> Results(
        ExecutionContext saved,
        ExecutionNode node,
        PulledSource source,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var items = source.Items(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var (more, failure) = await MoveNext(items, cancellationToken);
            if (!more && failure is null)
                yield break;
            using var context = CloneExecutionContext(saved, cancellationToken);
            if (failure is not null)
            {
                yield return new ExecutionResult { Errors = [await ErrorOf(context, node, failure)] };
                yield break;
            }
            yield return await ProcessDataAsync(context, node, items.Current);
        }
    }

    private static async Task<(bool More, Exception? Failure)> MoveNext(
        IAsyncEnumerator<object?> items,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (await items.MoveNextAsync(), null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (false, null);
        }
        catch (Exception failure)
        {
            return (false, failure);
        }
    }

    private async Task<ExecutionError> ErrorOf(ExecutionContext context, ExecutionNode node, Exception failure)
    {
        var error = await HandleExceptionAsync(context, node, failure, "The subscription failed.");
        error.Path = node.ResponsePath;
        error.AddLocation(node.Field, context.Document);
        return error;
    }
}
