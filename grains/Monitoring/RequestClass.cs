namespace DeployCard.Grains.Monitoring;

/// <summary>What became of a synchronous request.</summary>
public enum RequestClass
{
    /// <summary>See <see cref="Figure.Succeeded"/>.</summary>
    Succeeded = Figure.Succeeded,

    /// <summary>See <see cref="Figure.ClientErrors"/>.</summary>
    ClientError = Figure.ClientErrors,

    /// <summary>See <see cref="Figure.ServerErrors"/>.</summary>
    ServerError = Figure.ServerErrors,

    /// <summary>See <see cref="Figure.Rejected"/>.</summary>
    Rejected = Figure.Rejected,

    /// <summary>See <see cref="Figure.Failed"/>.</summary>
    Failed = Figure.Failed,

    /// <summary>See <see cref="Figure.Canceled"/>.</summary>
    Canceled = Figure.Canceled,
}

/// <summary>Tells the classes apart.</summary>
public static class RequestClasses
{
    /// <summary>499: the client broke the request off.</summary>
    private const int ClientGone = 499;

    /// <summary>Of a pod's answer.</summary>
    public static RequestClass OfAnswer(int status) =>
        status < 400 ? RequestClass.Succeeded
        : status < 500 ? RequestClass.ClientError
        : RequestClass.ServerError;

    /// <summary>Of an answer of the gateway's own.</summary>
    public static RequestClass OfProblem(int status) =>
        status == ClientGone ? RequestClass.Canceled
        : status < 500 ? RequestClass.Rejected
        : RequestClass.Failed;

    /// <summary>Whether its time tells how fast the deployment is: a refusal takes none, and who breaks off does so whenever it likes.</summary>
    public static bool IsTimed(RequestClass of) => of is not (RequestClass.Rejected or RequestClass.Canceled);
}
