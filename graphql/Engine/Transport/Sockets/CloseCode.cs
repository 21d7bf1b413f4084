namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>Close codes of WebSockets: standard codes and those of <c>graphql-transport-ws</c>.</summary>
internal enum CloseCode
{
    Normal = 1000,
    GoingAway = 1001,
    TooBig = 1009,
    InvalidMessage = 4400,
    Unauthorized = 4401,
    Forbidden = 4403,
    SubprotocolNotAcceptable = 4406,
    InitialisationTimeout = 4408,
    SubscriberAlreadyExists = 4409,
    TooManyInitialisationRequests = 4429,
    InternalError = 4500,
}
