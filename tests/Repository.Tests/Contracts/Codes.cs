using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Results;
using DeployCard.Gateway.Problems;
using EngineCodes = DeployCard.GraphQL.Engine.Errors.ErrorCodes;

namespace DeployCard.Repository.Tests.Contracts;

/// <summary>Every code in capitals that a client may receive, with its meaning.</summary>
internal static partial class Codes
{
    /// <summary>The names of all error codes and of all values of the schema's enums.</summary>
    public static IEnumerable<string> All =>
        [
            .. OfGraphQL.Select(code => code.Name),
            .. OfGateway.Select(code => code.Code.Name),
            .. EnumValue().Matches(RepositoryFiles.Read("graphql/schema.graphql")).Select(value => value.Groups[1].Value),
        ];

    /// <summary>The codes of the gateway's problem details.</summary>
    public static IEnumerable<(GatewayErrorCode Code, string Meaning)> OfGateway =>
        from constant in Constants(typeof(GatewayErrorCode))
        select ((GatewayErrorCode)constant.GetValue(null)!, XmlDocs.Summary(constant));

    /// <summary>The codes of GraphQL errors and of payloads. A code that both the engine and the grains define is listed twice.</summary>
    public static IEnumerable<(string Name, string Meaning)> OfGraphQL =>
        from constant in Constants(typeof(EngineCodes)).Concat(Constants(typeof(ErrorCodes)))
        select ((string)constant.GetRawConstantValue()!, XmlDocs.Summary(constant));

    /// <summary>The reasons why a pod is not ready.</summary>
    public static IEnumerable<(string Name, string Meaning)> OfPods =>
        from constant in Constants(typeof(PodReasons))
        select ((string)constant.GetRawConstantValue()!, XmlDocs.Summary(constant));

    /// <summary>The values of an enum as clients see them.</summary>
    public static IEnumerable<(string Name, string Meaning)> OfEnum(Type type) =>
        from constant in Constants(type)
        select (JsonNamingPolicy.SnakeCaseUpper.ConvertName(constant.Name), XmlDocs.Summary(constant));

    private static FieldInfo[] Constants(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static);

    [GeneratedRegex("^  ([A-Z][A-Z0-9_]*)$", RegexOptions.Multiline)]
    private static partial Regex EnumValue();
}
