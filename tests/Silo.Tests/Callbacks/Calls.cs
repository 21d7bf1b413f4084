using DeployCard.Contracts.AsyncCalls;
using DeployCard.Silo.Tests.Gateway;

namespace DeployCard.Silo.Tests.Callbacks;

/// <summary>Callback messages for ended calls of the deployment <c>iris</c>.</summary>
internal static class Calls
{
    public static readonly Guid Uid = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef");
    public static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly CallId Id = CallId.Create(Begin);

    public static CallbackMessage Completed(Uri url, string? json = """{"predictions":[1]}""", CallBody? body = null) =>
        new(
            url,
            $"{Id}-1",
            View(CallStatus.Completed) with
            {
                ResultStatusCode = 200,
            },
            new(
                200,
                [new("Content-Type", "application/json")],
                body ?? (json is null ? null : new(json.Length, System.Text.Encoding.UTF8.GetBytes(json)))
            ),
            Uid,
            ["a"]
        );

    public static CallbackMessage Failed(Uri url) =>
        new(
            url,
            $"{Id}-2",
            View(CallStatus.Error) with
            {
                ErrorCode = CallErrorCode.HealthTimeout,
                ErrorMessage = "No pod in time.",
            },
            null,
            Uid,
            ["a"]
        );

    private static CallView View(CallStatus status) =>
        new()
        {
            Id = Id,
            Deployment = Routes.Iris,
            Status = status,
            CreatedAt = Begin,
            EndedAt = Begin.AddSeconds(1),
            PurgeAt = Begin.AddDays(3),
            Method = "POST",
            Path = "/x",
            Attempts = [new(1, Begin, Begin.AddSeconds(1), "iris-1-aaaaa", 200)],
            Limits = CallLimits.Default,
            Callback = new(new("https://hooks.example/"), null, Begin, null, []),
        };
}
