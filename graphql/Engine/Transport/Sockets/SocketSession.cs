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
    ILogger logger
)
{
    private bool greeted;
    private ClaimsPrincipal? user;

    public async Task Run()
    {
        await using var impatience = time.CreateTimer(_ => CloseUngreeted(), null, options.ConnectionInitTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            while (await connection.Receive() is { } text)
                await Handle(await messages.Read(text));
        }
        finally
        {
            await operations.StopAll();
        }
    }

    private void CloseUngreeted()
    {
        if (!Volatile.Read(ref greeted))
            _ = connection.Close(CloseCode.InitialisationTimeout, "Connection initialisation timeout");
    }

    private Task Handle(OperationMessage? message) =>
        message?.Type switch
        {
            "connection_init" => Greet(message),
            "ping" => messages.Pong(message.Payload),
            "pong" => Task.CompletedTask,
            "subscribe" => Subscribe(message),
            "complete" when message.Id is { } id => operations.Cancel(id),
            _ => RefuseMessage(),
        };

    private async Task Greet(OperationMessage message)
    {
        if (greeted)
        {
            await connection.Close(CloseCode.TooManyInitialisationRequests, "Too many initialisation requests");
            return;
        }
        Volatile.Write(ref greeted, true);
        try
        {
            user = await greeting.Authenticate(messages.Payload<Inputs>(message), connection.Closing);
            if (user is null)
                await connection.Close(CloseCode.Forbidden, "Forbidden");
            else
                await messages.Acknowledge();
        }
        catch (OperationCanceledException) when (connection.Closing.IsCancellationRequested)
        {
            // It ended while we asked who it is.
        }
        catch (Exception failure)
        {
            SocketLog.GreetingFailed(logger, failure);
            await connection.Close(CloseCode.InternalError, "Internal server error");
        }
    }

    private Task Subscribe(OperationMessage message)
    {
        if (user is null)
            return connection.Close(CloseCode.Unauthorized, "Unauthorized");
        if (message.Id is not { Length: > 0 } id)
            return RefuseMessage();
        if (
            messages.Payload<GraphQLRequest>(message) is not { } request
            || (string.IsNullOrEmpty(request.Query) && !PersistedOperations.IsNamed(request))
        )
            return RefuseMessage();
        if (operations.IsRunning(id))
            return connection.Close(CloseCode.SubscriberAlreadyExists, SubscriberExists(id));
        return operations.Start(id, request, user, connection);
    }

    private Task RefuseMessage() => connection.Close(CloseCode.InvalidMessage, "Invalid message received");

    // The reason of a close fits 123 bytes.
    private static string SubscriberExists(string id) => $"Subscriber for {(id.Length > 20 ? id[..20] + "…" : id)} already exists";
}
