using DeployCard.Contracts.Results;

namespace DeployCard.GraphQL;

/// <summary>Converts the expected errors of grains to the errors of mutation payloads.</summary>
internal static class UserErrors
{
    public static IReadOnlyList<UserError> From(IReadOnlyList<FieldError> errors) =>
        [.. errors.Select(e => new UserError(e.Field.Length == 0 ? null : e.Field, e.Code, e.Message))];

    public static IReadOnlyList<UserError> Create(string field, string code, string message) => [new(field, code, message)];
}
