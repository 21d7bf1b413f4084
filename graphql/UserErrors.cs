using DeployCard.Grains.Results;

namespace DeployCard.GraphQL;

/// <summary>Translates the domain's expected refusals.</summary>
internal static class UserErrors
{
    public static IReadOnlyList<UserError> Of(IReadOnlyList<FieldError> errors) =>
        [.. errors.Select(e => new UserError(e.Field.Length == 0 ? null : e.Field, e.Code, e.Message))];

    public static IReadOnlyList<UserError> One(string field, string code, string message) => [new(field, code, message)];
}
