using System.Collections.Concurrent;
using System.Security.Claims;
using DeployCard.GraphQL.Engine.Errors;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>The operations that are open on one connection. Started and cancelled by its reader only; each ends by itself.</summary>
internal sealed class SocketOperations(
    SocketMessages messages,
    OperationRunner runner,
    OpenSubscriptions subscriptions,
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

    /// <summary>The client wants no more of it. Its id is free at once.</summary>
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
            using var place = subscriptions.Open(first, user);
            await Answer(operation, place is null ? new() { Errors = [subscriptions.Refusal()] } : first);
        }
        catch (OperationCanceledException) when (operation.Stopping.IsCancellationRequested)
        {
            // The client completed it, or the connection ends.
        }
        catch (Exception failure)
        {
            SocketLog.OperationFailed(logger, failure);
            await connection.Close(CloseCode.InternalError, "Internal server error");
        }
        finally
        {
            Free(operation);
            operation.Dispose();
        }
    }

    private async Task Answer(SocketOperation operation, ExecutionResult first)
    {
        if (OperationResults.NeverRan(first))
        {
            if (Free(operation))
                await messages.Error(operation.Id, first.Errors ?? []);
            return;
        }
        await foreach (var result in OperationResults.Of(first, operation.Stopping))
        {
            if (operation.Stopping.IsCancellationRequested)
                return;
            await messages.Next(operation.Id, result);
        }
        if (Free(operation))
            await messages.Complete(operation.Id);
    }

    // The id must be free before the client learns that it is: it may use it again in its next message.
    private bool Free(SocketOperation operation) => open.TryRemove(new(operation.Id, operation));

    private static ExecutionError TooMany() =>
        new("Too many operations are open on this connection.") { Code = ErrorCodes.TooManyOperations };
}
