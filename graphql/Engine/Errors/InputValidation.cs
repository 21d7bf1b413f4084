using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace DeployCard.GraphQL.Engine.Errors;

/// <summary>Validates arguments and nested inputs by their DataAnnotations and reports all failures in one error.</summary>
internal static class InputValidation
{
    /// <summary>Throws <c>VALIDATION_FAILED</c> with one entry for each invalid field.</summary>
    public static void Check(ParameterInfo parameter, object? value)
    {
        var found = new List<FieldFailure>();
        CheckParameter(parameter, value, found);
        CheckObject("", value, found);
        if (found.Count > 0)
            throw CreateError(found);
    }

    private static void CheckParameter(ParameterInfo parameter, object? value, List<FieldFailure> found)
    {
        var context = new ValidationContext(parameter) { MemberName = parameter.Name, DisplayName = parameter.Name! };
        foreach (var rule in parameter.GetCustomAttributes<ValidationAttribute>())
            if (rule.GetValidationResult(value, context) is { } failure)
                found.Add(new(parameter.Name!, failure.ErrorMessage));
    }

    private static void CheckObject(string path, object? value, List<FieldFailure> found)
    {
        if (value is IEnumerable list and not string)
        {
            var index = 0;
            foreach (var item in list)
                CheckObject($"{path}[{index++}]", item, found);
            return;
        }
        if (value is null || !IsInput(value.GetType()))
            return;
        var failures = new List<ValidationResult>();
        Validator.TryValidateObject(value, new ValidationContext(value), failures, validateAllProperties: true);
        found.AddRange(
            failures.Select(failure => new FieldFailure(PathOf(path, failure.MemberNames.FirstOrDefault()), failure.ErrorMessage))
        );
        foreach (var property in value.GetType().GetProperties())
            CheckObject(PathOf(path, property.Name), property.GetValue(value), found);
    }

    // Scalars have properties too; reading those of a Uri or a JSON value could throw.
    private static bool IsInput(Type type) => type.IsClass && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true;

    private static string PathOf(string parent, string? member)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(member ?? "");
        return parent.Length == 0 || name.Length == 0 ? parent + name : $"{parent}.{name}";
    }

    private static RejectionError CreateError(List<FieldFailure> found) =>
        new(
            ErrorCodes.ValidationFailed,
            "The input is not valid.",
            new()
            {
                ["fields"] = found.ConvertAll(failure => new Dictionary<string, object?>
                {
                    ["path"] = failure.Path,
                    ["message"] = failure.Message,
                }),
            }
        );

    private sealed record FieldFailure(string Path, string? Message);
}
