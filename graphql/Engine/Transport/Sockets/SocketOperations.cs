using System.Collections.Concurrent;
using System.Security.Claims;
using DeployCard.GraphQL.Engine.Errors;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>The open operations of one connection. Only the connection's read loop starts and cancels operations.</summary>
internal sealed class SocketOperations(
    SocketMessages messages,
    OperationRunner runner,
    SubscriptionLimiter subscriptions,
    IServiceScopeFactory scopes,
    GraphQLOptions options,
    ILogger logger
)
{
    private readonly ConcurrentDictionary<string, SocketOperation> open = new();
    private readonly List<Task> running = [];

    public bool IsRunning(string id) => open.ContainsKey(id);

    public Task Start(string id, GraphQLRequest request, ClaimsPrincipal user, SocketConnection connection)
    {
        if (open.Count >= options.MaxOperationsPerSocket)
            return messages.Error(id, [TooMany()]);
        var operation = new SocketOperation(id, connection.Closing);
        open[id] = operation;
        running.RemoveAll(task => task.IsCompleted);
        running.Add(Task.Run(() => Run(operation, request, user, connection)));
        return Task.CompletedTask;
    }

    /// <summary>Cancels an operation that the client completed. Its id is immediately available again.</summary>
    public Task Cancel(string id)
    {
        if (open.TryRemove(id, out var operation))
            operation.Cancel();
        return Task.CompletedTask;
    }

    public Task StopAll()
    {
        foreach (var operation in open.Values)
            operation.Cancel();
        return Task.WhenAll(running);
    }

    private async Task Run(SocketOperation operation, GraphQLRequest request, ClaimsPrincipal user, SocketConnection connection)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var first = await runner.Run(request, user, scope.ServiceProvider, readOnly: false, operation.Stopping);
            using var slot = subscriptions.TryOpen(first, user);
            await SendResults(operation, slot is null ? new() { Errors = [subscriptions.CreateLimitError()] } : first);
        }
        catch (OperationCanceledException) when (operation.Stopping.IsCancellationRequested)
        {
            // The client completed the operation, or the connection is closing.
        }
        catch (Exception failure)
        {
            SocketLog.OperationFailed(logger, failure);
            await connection.Close(CloseCode.InternalError, "Internal server error");
        }
        finally
        {
            ReleaseId(operation);
            operation.Dispose();
        }
    }

    private async Task SendResults(SocketOperation operation, ExecutionResult first)
    {
        if (OperationResults.WasNotExecuted(first))
        {
            if (ReleaseId(operation))
                await messages.Error(operation.Id, first.Errors ?? []);
            return;
        }
        await foreach (var result in OperationResults.ReadAll(first, operation.Stopping))
        {
            if (operation.Stopping.IsCancellationRequested)
                return;
            await messages.Next(operation.Id, result);
        }
        if (ReleaseId(operation))
            await messages.Complete(operation.Id);
    }

    // The id must be available before the client learns of the end, because its next message may reuse the id.
    private bool ReleaseId(SocketOperation operation) => open.TryRemove(new(operation.Id, operation));

    private static ExecutionError TooMany() =>
        new("Too many operations are open on this connection; end one or open another connection.") { Code = ErrorCodes.TooManyOperations };
}
