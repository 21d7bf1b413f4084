using System.Reflection;
using DeployCard.GraphQL.Engine.Errors;
using GraphQL;
using GraphQL.Types;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>Reads our annotations for the library, which asks this one attribute about every type, member and parameter.</summary>
internal sealed class NeutralAnnotations : GraphQLAttribute
{
    private static readonly NeutralAnnotations Instance = new();

    /// <summary>The library keeps both settings for the whole process; any number of hosts may ask for them.</summary>
    public static void Install()
    {
        lock (Instance)
        {
            GlobalSwitches.EnableReadDescriptionFromXmlDocumentation = true;
            if (!GlobalSwitches.GlobalAttributes.Contains(Instance))
                GlobalSwitches.GlobalAttributes.Add(Instance);
        }
    }

    /// <summary>In a resolver class a method may be static; elsewhere static members are how C# makes objects, not facts about them.</summary>
    public override bool ShouldInclude(MemberInfo memberInfo, bool? isInputType) =>
        !memberInfo.IsDefined(typeof(GraphQLIgnoreAttribute), inherit: true)
        && (!IsStatic(memberInfo) || ResolverCatalog.IsResolver(memberInfo.DeclaringType!));

    public override void Modify(IGraphType graphType, Type sourceType)
    {
        graphType.Name = SchemaNames.Of(sourceType, graphType.Name);
        // A description is one paragraph, wherever its lines end in the source.
        graphType.Description = graphType.Description is { } text
            ? string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            : null;
        if (graphType is not IImplementInterfaces implementer)
            return;
        foreach (var @interface in SchemaInterfaces.Of(sourceType))
            implementer.Interfaces.Add(typeof(GraphQLClrOutputTypeReference<>).MakeGenericType(@interface));
    }

    public override void Modify(TypeInformation typeInformation)
    {
        var annotated = (ICustomAttributeProvider?)typeInformation.ParameterInfo ?? typeInformation.MemberInfo;
        if (annotated.IsDefined(typeof(IDAttribute), inherit: true))
            typeInformation.GraphType = typeof(IdGraphType);
    }

    public override void Modify(FieldType fieldType, bool isInputType, IGraphType graphType, MemberInfo memberInfo, ref bool ignore)
    {
        fieldType.Name = SchemaNames.Of(memberInfo, fieldType.Name);
        if (isInputType)
            fieldType.DefaultValue ??= DefaultOfRecord(memberInfo);
        else if (memberInfo is PropertyInfo property && graphType is IObjectGraphType)
            fieldType.Resolver = new PropertyResolver(property);
    }

    public override void Modify(QueryArgument queryArgument, ParameterInfo parameterInfo)
    {
        queryArgument.Name = SchemaNames.Of(parameterInfo, queryArgument.Name);
        queryArgument.Validator += value => InputValidation.Check(parameterInfo, value);
    }

    private static bool IsStatic(MemberInfo member) => member is MethodInfo { IsStatic: true } or PropertyInfo { GetMethod.IsStatic: true };

    // The library overlooks `record Input(int Priority = 5)`: the default stands at the constructor's parameter, not at the property.
    private static object? DefaultOfRecord(MemberInfo member) =>
        member
            .DeclaringType!.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .FirstOrDefault(parameter => parameter.Name == member.Name && parameter.HasDefaultValue)
            ?.DefaultValue;
}
