using System.Security.Claims;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Transport;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>Implements the rules of <c>graphql-transport-ws</c> for one connection: initialization first, then operations.</summary>
internal sealed class SocketSession(
    SocketConnection connection,
    SocketMessages messages,
    ConnectionInitHandler connectionInit,
    SocketOperations operations,
    TimeProvider time,
    GraphQLOptions options,
    ILogger logger
)
{
    private bool initialized;
    private ClaimsPrincipal? user;

    public async Task Run()
    {
        await using var initTimeout = time.CreateTimer(
            _ => CloseIfNotInitialized(),
            null,
            options.ConnectionInitTimeout,
            Timeout.InfiniteTimeSpan
        );
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

    private void CloseIfNotInitialized()
    {
        if (!Volatile.Read(ref initialized))
            _ = connection.Close(CloseCode.InitialisationTimeout, "Connection initialisation timeout");
    }

    private Task Handle(OperationMessage? message) =>
        message?.Type switch
        {
            "connection_init" => Initialize(message),
            "ping" => messages.Pong(message.Payload),
            "pong" => Task.CompletedTask,
            "subscribe" => Subscribe(message),
            "complete" when message.Id is { } id => operations.Cancel(id),
            _ => RejectMessage(),
        };

    private async Task Initialize(OperationMessage message)
    {
        if (initialized)
        {
            await connection.Close(CloseCode.TooManyInitialisationRequests, "Too many initialisation requests");
            return;
        }
        Volatile.Write(ref initialized, true);
        try
        {
            user = await connectionInit.Authenticate(messages.Payload<Inputs>(message), connection.Closing);
            if (user is null)
                await connection.Close(CloseCode.Forbidden, "Forbidden");
            else
                await messages.Acknowledge();
        }
        catch (OperationCanceledException) when (connection.Closing.IsCancellationRequested)
        {
            // The connection was closed during authentication.
        }
        catch (Exception failure)
        {
            SocketLog.AuthenticationFailed(logger, failure);
            await connection.Close(CloseCode.InternalError, "Internal server error");
        }
    }

    private Task Subscribe(OperationMessage message)
    {
        if (user is null)
            return connection.Close(CloseCode.Unauthorized, "Unauthorized");
        if (message.Id is not { Length: > 0 } id)
            return RejectMessage();
        if (
            messages.Payload<GraphQLRequest>(message) is not { } request
            || (string.IsNullOrEmpty(request.Query) && !PersistedOperations.HasHash(request))
        )
            return RejectMessage();
        if (operations.IsRunning(id))
            return connection.Close(CloseCode.SubscriberAlreadyExists, SubscriberExists(id));
        return operations.Start(id, request, user, connection);
    }

    private Task RejectMessage() => connection.Close(CloseCode.InvalidMessage, "Invalid message received");

    // The reason of a close frame is limited to 123 bytes.
    private static string SubscriberExists(string id) => $"Subscriber for {(id.Length > 20 ? id[..20] + "…" : id)} already exists";
}
