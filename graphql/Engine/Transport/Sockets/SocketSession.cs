using System.Security.Claims;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Transport;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>The rules of <c>graphql-transport-ws</c> for one connection: first greet, then subscribe and complete.</summary>
internal sealed class SocketSession(
    SocketConnection connection,
    SocketMessages messages,
    SocketGreeting greeting,
    SocketOperations operations,
    TimeProvider time,
    GraphQLOptions options,
    ILogger logger)
{
    private bool _greeted;
    private ClaimsPrincipal? _user;

    public async Task RunAsync()
    {
        await using var impatience = time.CreateTimer(_ => CloseUngreeted(), null, options.ConnectionInitTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            while (await connection.ReceiveAsync() is { } text) await HandleAsync(await messages.ReadAsync(text));
        }
        finally
        {
            await operations.StopAllAsync();
        }
    }

    private void CloseUngreeted()
    {
        if (!Volatile.Read(ref _greeted)) _ = connection.CloseAsync(CloseCode.InitialisationTimeout, "Connection initialisation timeout");
    }

    private Task HandleAsync(OperationMessage? message) => message?.Type switch
    {
        "connection_init" => GreetAsync(message),
        "ping" => messages.PongAsync(message.Payload),
        "pong" => Task.CompletedTask,
        "subscribe" => SubscribeAsync(message),
        "complete" when message.Id is { } id => operations.CancelAsync(id),
        _ => RefuseMessageAsync(),
    };

    private async Task GreetAsync(OperationMessage message)
    {
        if (_greeted)
        {
            await connection.CloseAsync(CloseCode.TooManyInitialisationRequests, "Too many initialisation requests");
            return;
        }
        Volatile.Write(ref _greeted, true);
        try
        {
            _user = await greeting.AuthenticateAsync(messages.Payload<Inputs>(message), connection.Closing);
            if (_user is null) await connection.CloseAsync(CloseCode.Forbidden, "Forbidden");
            else await messages.AcknowledgeAsync();
        }
        catch (OperationCanceledException) when (connection.Closing.IsCancellationRequested)
        {
            // It ended while we asked who it is.
        }
        catch (Exception failure)
        {
            SocketLog.GreetingFailed(logger, failure);
            await connection.CloseAsync(CloseCode.InternalError, "Internal server error");
        }
    }

    private Task SubscribeAsync(OperationMessage message)
    {
        if (_user is null) return connection.CloseAsync(CloseCode.Unauthorized, "Unauthorized");
        if (message.Id is not { Length: > 0 } id) return RefuseMessageAsync();
        if (messages.Payload<GraphQLRequest>(message) is not { } request || (string.IsNullOrEmpty(request.Query) && !PersistedOperations.IsNamed(request)))
            return RefuseMessageAsync();
        if (operations.IsRunning(id)) return connection.CloseAsync(CloseCode.SubscriberAlreadyExists, SubscriberExists(id));
        return operations.StartAsync(id, request, _user, connection);
    }

    private Task RefuseMessageAsync() => connection.CloseAsync(CloseCode.InvalidMessage, "Invalid message received");

    // The reason of a close fits 123 bytes.
    private static string SubscriberExists(string id) => $"Subscriber for {(id.Length > 20 ? id[..20] + "…" : id)} already exists";
}
